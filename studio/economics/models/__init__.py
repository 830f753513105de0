"""The six business models, one file each; the registry is `studio.economics.models.registry`."""
