"""A gateway from REST with JSON to gRPC: what the obvious one loses, and one that passes it all on."""
