"""Agent to agent: tasks that outlive the server which works on them (chapter 9)."""
