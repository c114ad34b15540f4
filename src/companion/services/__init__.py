"""Part II, Agents as services: one module a chapter, and the database that they share."""
