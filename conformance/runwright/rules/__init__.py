"""Rules: common ones made from a spec, and one module per API for what is left."""
