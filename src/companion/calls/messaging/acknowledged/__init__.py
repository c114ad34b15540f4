"""What a broker's acknowledgement means: to who publishes, to who consumes, and to who has to live with both."""
