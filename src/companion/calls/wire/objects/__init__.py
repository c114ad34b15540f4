"""Chapter 2, objects far away: CORBA, RMI and Spring's HTTP Invoker, which make a call to another machine look local.

`corba` starts a real ORB in processes of its own, `giop` reads what it sends, `endings` asks what a failed call tells its
caller, `rmi` makes stubs of an interface, and `invoker` runs pickles that arrive over HTTP, in a process that may be lost.
"""
