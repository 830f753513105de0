"""The model service on several machines: Ray Serve deployments that speak OpenAI's protocol."""
