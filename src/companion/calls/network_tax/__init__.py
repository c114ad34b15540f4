"""Chapter 7, what the network takes: queries, retries, hops, balancing and gateways."""
