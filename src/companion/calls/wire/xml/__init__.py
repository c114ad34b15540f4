"""The XML years on the wire: SOAP with its WSDL, plain XML, references within a document, and links between them."""
