$version: "2"

namespace companion.customers

/// Customers can be added, got one by one, and listed.
service Customers {
    version: "1"
    operations: [AddCustomer, GetCustomer, ListCustomers]
}

@http(method: "POST", uri: "/customers", code: 201)
operation AddCustomer {
    input: AddCustomerInput
    errors: [Taken]
}

@readonly
@http(method: "GET", uri: "/customers/{id}")
operation GetCustomer {
    input: GetCustomerInput
    output: GetCustomerOutput
    errors: [NoSuchCustomer]
}

@readonly
@http(method: "GET", uri: "/customers")
operation ListCustomers {
    output: ListCustomersOutput
}

structure Customer {
    @required
    id: Id

    @required
    name: Name

    @required
    balance: Double
}

@range(min: 1)
integer Id

@length(max: 30)
string Name

list CustomerList {
    member: Customer
}

structure AddCustomerInput {
    @required
    customer: Customer
}

structure GetCustomerInput {
    @required
    @httpLabel
    id: Id
}

structure GetCustomerOutput {
    @required
    customer: Customer
}

structure ListCustomersOutput {
    @required
    customers: CustomerList
}

@error("client")
@httpError(404)
structure NoSuchCustomer {
    @required
    id: Id
}

@error("client")
@httpError(409)
structure Taken {
    @required
    reason: String
}
