"""The templates that come with the studio, in English and Chinese."""
