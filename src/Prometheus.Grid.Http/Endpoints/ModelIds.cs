using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>
/// Refuses a model id in an address that can name no model, before anything is asked for it. The framework leaves %2F as it is in an address, so an id with
/// an encoded slash would else be looked for, and not found, under a name that its caller did not write.
/// </summary>
internal static class ModelIds
{
    private const string Name = "model_id";

    /// <summary>Checks the model id of each address below.</summary>
    public static TBuilder ChecksModelIds<TBuilder>(this TBuilder routes)
        where TBuilder : IEndpointConventionBuilder => routes.AddEndpointFilter(async (invocation, next) =>
        {
            if (invocation.HttpContext.GetRouteValue(Name) is string)
                ModelCatalog.CheckId(Parameters.Id(invocation.HttpContext, Name), Name);
            return await next(invocation);
        });
}
