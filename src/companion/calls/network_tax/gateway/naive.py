"""The gateway that one writes first. It works, on the day on which it is tried."""

from __future__ import annotations

import grpc
from google.protobuf.json_format import MessageToDict, ParseDict
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from companion.calls.network_tax.gateway import accounts_pb2 as pb
from companion.calls.network_tax.gateway.service import Stubs


def naive(stubs: Stubs) -> Starlette:
    """Make the app."""

    def get(request: Request) -> Response:
        return JSONResponse(MessageToDict(stubs.get(pb.GetAccountRequest(id=request.path_params["id"]))))

    async def put(request: Request) -> Response:
        account = ParseDict(await request.json(), pb.Account(id=request.path_params["id"]))
        return JSONResponse(MessageToDict(await run_in_threadpool(stubs.put, account)))

    def entries(request: Request) -> Response:
        found = stubs.entries(pb.ListEntriesRequest(id=request.path_params["id"]))
        return JSONResponse([MessageToDict(entry) for entry in found])

    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, grpc.RpcError)
        return JSONResponse({"error": error.details()}, 500)

    routes = [
        Route("/accounts/{id:int}", get, methods=["GET"]),
        Route("/accounts/{id:int}", put, methods=["PUT"]),
        Route("/accounts/{id:int}/entries", entries, methods=["GET"]),
    ]
    return Starlette(routes=routes, exception_handlers={grpc.RpcError: failed})
