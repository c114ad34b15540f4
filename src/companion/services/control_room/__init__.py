"""A page to see the services with: sign in as somebody, call a tool, watch a task, and what another tenant sees of it.

    companion serve a2a --control-room

It is for development. Whoever reaches its port on this machine can sign in as anybody.
"""
