"""Makes a typed client from an OpenAPI document."""
