/*
 * A C client of the customer service, over the stubs that rpcgen makes of types.x.
 *
 *     client PORT
 *
 * It goes to the port directly, so that no rpcbind is asked. It makes the calls below in their order, prints what each
 * gave, one line each, and exits with 0 when every call was answered.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "types.h"

/* A buffer so small that a call with credentials goes out in two fragments. */
enum { SMALL = 100 };

static CLIENT *dial(int port, rpcvers_t version)
{
    struct sockaddr_in address;
    int socket = RPC_ANYSOCK;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    CLIENT *client = clnttcp_create(&address, CUSTOMER_PROG, version, &socket, SMALL, 0);
    if (client == NULL) {
        clnt_pcreateerror("clnttcp_create");
        exit(1);
    }
    return client;
}

static void *answered(CLIENT *client, void *result)
{
    if (result == NULL) {
        clnt_perror(client, "call");
        exit(1);
    }
    return result;
}

static void print_customer(const char *title, customer *one)
{
    printf("%s %d %s %.2f\n", title, one->customer_id, one->name, one->balance);
}

static void call_version_1(int port)
{
    customer ada = {7, "Grace Hopper", 12.5f};
    int unknown = 99;
    CLIENT *client = dial(port, CUSTOMER_VERS);

    printf("add %d\n", *(int *)answered(client, add_customer_1(&ada, client)));
    printf("add %d\n", *(int *)answered(client, add_customer_1(&ada, client)));
    print_customer("get", answered(client, get_customer_1(&ada.customer_id, client)));
    print_customer("get", answered(client, get_customer_1(&unknown, client)));
    clnt_destroy(client);
}

static void call_version_2(int port)
{
    CLIENT *client = dial(port, CUSTOMER_VERS_2);
    customer_list *all = answered(client, list_customers_2(NULL, client));

    printf("list %u\n", all->customer_list_len);
    for (u_int i = 0; i < all->customer_list_len; i++)
        print_customer("-", &all->customer_list_val[i]);
    clnt_destroy(client);
}

/* The procedure that every program has, and three ways to be refused. */
static void call_what_is_refused(int port)
{
    struct timeval wait = {5, 0};
    struct rpc_err error;
    CLIENT *client = dial(port, CUSTOMER_VERS);

    printf("null %d\n", clnt_call(client, NULLPROC, (xdrproc_t)xdr_void, NULL, (xdrproc_t)xdr_void, NULL, wait));
    printf("unknown procedure %d\n",
           clnt_call(client, 3, (xdrproc_t)xdr_void, NULL, (xdrproc_t)xdr_void, NULL, wait) == RPC_PROCUNAVAIL);
    printf("garbage %d\n",
           clnt_call(client, ADD_CUSTOMER, (xdrproc_t)xdr_void, NULL, (xdrproc_t)xdr_void, NULL, wait)
               == RPC_CANTDECODEARGS);
    clnt_destroy(client);

    client = dial(port, 9);
    printf("unknown version %d",
           clnt_call(client, NULLPROC, (xdrproc_t)xdr_void, NULL, (xdrproc_t)xdr_void, NULL, wait)
               == RPC_PROGVERSMISMATCH);
    clnt_geterr(client, &error);
    printf(", served are %u to %u\n", (unsigned)error.re_vers.low, (unsigned)error.re_vers.high);
    clnt_destroy(client);
}

/* With credentials of the Unix kind, as NFS would send them. */
static void call_with_credentials(int port)
{
    customer heidi = {8, "Heidi with a long second name", 0.25f};
    CLIENT *client = dial(port, CUSTOMER_VERS);

    auth_destroy(client->cl_auth);
    client->cl_auth = authunix_create_default();
    printf("add with credentials %d\n", *(int *)answered(client, add_customer_1(&heidi, client)));
    auth_destroy(client->cl_auth);
    client->cl_auth = NULL;
    clnt_destroy(client);
}

int main(int count, char **arguments)
{
    if (count != 2)
        return 2;
    int port = atoi(arguments[1]);
    call_version_1(port);
    call_what_is_refused(port);
    call_with_credentials(port);
    call_version_2(port);
    return 0;
}
