using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Prometheus.Grid.Http.Errors;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Security;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>What every endpoint says of itself in the OpenAPI document.</summary>
internal static class EndpointNames
{
    private static readonly int[] s_problems = [400, 401, 404, 422, 429, 500, 503, 504];

    public static RouteHandlerBuilder Named(this RouteHandlerBuilder endpoint, string name, string summary, string tag)
    {
        endpoint.WithName(name).WithSummary(summary).WithTags(tag);
        foreach (int status in s_problems)
            endpoint.Produces<ProblemMessage>(status, ProblemResponse.ContentType);
        return endpoint;
    }

    /// <summary>Lets in only keys of the role write.</summary>
    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(new NeedsWriteRole()).Produces<ProblemMessage>(StatusCodes.Status403Forbidden, ProblemResponse.ContentType);
}
