"""Who balances gRPC: a balancer that deals out connections, or a client that deals out calls."""
