"""One folder per use case; each is deployed and scaled on its own."""
