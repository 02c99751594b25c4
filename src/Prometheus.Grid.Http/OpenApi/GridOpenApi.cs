using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Prometheus.Grid.Http.OpenApi;

/// <summary>The OpenAPI document: made from the endpoints themselves, with an example for each.</summary>
internal static class GridOpenApi
{
    private const string DocumentName = "v1";

    public static void AddGridOpenApi(this IServiceCollection services) => services.AddOpenApi(DocumentName, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Prometheus.Grid",
                Version = DocumentName,
                Description = "Who is similar to whom: vectors of issuers and portfolios, and exact searches over them. Errors are problem details (RFC 9457) of three kinds: bad_input, not_found and fault.",
            };
            // Where it is served is not part of what it says.
            document.Servers = [new OpenApiServer { Url = "/" }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(Examples.AddTo);
    });

    public static void MapGridOpenApi(this IEndpointRouteBuilder app) => app.MapOpenApi("/openapi/{documentName}.json");
}
