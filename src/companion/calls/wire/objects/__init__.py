"""Chapter 2, objects far away: CORBA, RMI and Spring's HTTP Invoker, which make a call to another machine look local.

`corba` starts a real ORB in processes of its own, `giop` reads what it sends, `leaks` what it should not have sent, and
`endings` asks what a failed call tells its caller (`charges`: on gRPC). `rmi` makes stubs of an interface, and `hidden`
is what they hide. `invoker` posts pickles over HTTP to a process that may be lost.
"""
