"""How a check, which is trusted, talks to an answer, which is not: frames, values, proxies."""
