using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Answers 304 where the vectors of a date are those that the caller has: the ETag of an answer is the version of its rows.</summary>
internal static class Versioned
{
    public static RouteHandlerBuilder TaggedByDate(this RouteHandlerBuilder endpoint) => endpoint
        .Produces(StatusCodes.Status304NotModified)
        .AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            var store = (IGridStore)context.RequestServices.GetService(typeof(IGridStore))!;
            var key = new PartitionKey(
                BranchKind.Joint, (string)context.GetRouteValue("model_id")!, Parameters.Day("as_of_date", (string)context.GetRouteValue("as_of_date")!));
            if (await store.Vectors.VersionAsync(key, context.RequestAborted) is { } version)
            {
                string tag = $"\"{version}\"";
                context.Response.Headers.ETag = tag;
                if (context.Request.Headers.IfNoneMatch.Contains(tag))
                    return Results.StatusCode(StatusCodes.Status304NotModified);
            }
            return await next(invocation);
        });
}
