/*
 * A C server of the customer service, over the skeleton that rpcgen makes of types.x.
 *
 *     server
 *
 * It takes a free port of the loopback address, registers both versions with protocol 0, which means "do not tell
 * rpcbind", prints the port, and serves until it is killed.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "types.h"

/* A buffer so small that a list goes out as a record of many fragments. */
enum { MOST = 100, SMALL = 1000 };

static customer customers[MOST];
static unsigned how_many;

/* What rpcgen calls the dispatchers depends on the names in types.x. */
void customer_prog_1(struct svc_req *, SVCXPRT *);
void customer_prog_2(struct svc_req *, SVCXPRT *);

int *add_customer_1_svc(customer *one, struct svc_req *request)
{
    static int added;

    (void)request;
    added = how_many < MOST;
    for (unsigned i = 0; i < how_many; i++)
        if (customers[i].customer_id == one->customer_id)
            added = 0;
    if (added) {
        customers[how_many] = *one;
        customers[how_many++].name = strdup(one->name); /* the library frees the argument */
    }
    return &added;
}

customer *get_customer_1_svc(int *id, struct svc_req *request)
{
    static customer nobody = {0, "", 0.0f};

    (void)request;
    for (unsigned i = 0; i < how_many; i++)
        if (customers[i].customer_id == *id)
            return &customers[i];
    return &nobody;
}

int *add_customer_2_svc(customer *one, struct svc_req *request)
{
    return add_customer_1_svc(one, request);
}

customer *get_customer_2_svc(int *id, struct svc_req *request)
{
    return get_customer_1_svc(id, request);
}

customer_list *list_customers_2_svc(void *nothing, struct svc_req *request)
{
    static customer_list all;

    (void)nothing, (void)request;
    all.customer_list_val = customers;
    all.customer_list_len = how_many;
    return &all;
}

int main(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 8) != 0
        || getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        perror("listen");
        return 1;
    }
    SVCXPRT *transport = svctcp_create(listener, SMALL, SMALL);
    if (transport == NULL || !svc_register(transport, CUSTOMER_PROG, CUSTOMER_VERS, customer_prog_1, 0)
        || !svc_register(transport, CUSTOMER_PROG, CUSTOMER_VERS_2, customer_prog_2, 0)) {
        fprintf(stderr, "cannot register\n");
        return 1;
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    svc_run();
    return 1;
}
