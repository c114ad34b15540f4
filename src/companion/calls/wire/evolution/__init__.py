"""Schema evolution: what a reader of one version makes of what a writer of another has sent, by the real codecs."""
