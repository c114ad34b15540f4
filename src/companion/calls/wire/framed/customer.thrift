// The numbers go over the wire, the names of the fields do not.

struct Customer {
    1: required i32 id,
    2: required string name,
    3: required double balance
}

exception NoSuchCustomer { 1: i32 id }
exception Refused { 1: string reason }

service Customers {
    bool add(1: Customer customer) throws (1: Refused refused),
    Customer get(1: i32 id) throws (1: NoSuchCustomer absent),
    list<Customer> list_all()
}
