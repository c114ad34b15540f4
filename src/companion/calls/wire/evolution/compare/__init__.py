"""The matrix's question for schemas of one's own: .proto, .thrift and JSON Schema files."""
