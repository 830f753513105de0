"""Why a prototype answers and finds what it does, measured by taking things away and looking inside."""
