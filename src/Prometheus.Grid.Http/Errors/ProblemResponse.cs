using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Errors;

/// <summary>Writes problems; every error of the API leaves through here.</summary>
internal static class ProblemResponse
{
    public const string ContentType = "application/problem+json";
    private const string RetryAfterSeconds = "1";

    public static async Task WriteAsync(HttpContext context, ProblemMessage problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.Remove("ETag");
        response.Headers.ContentLength = null;
        if (problem.CanRetry == true && response.Headers.RetryAfter.Count == 0)
            response.Headers.RetryAfter = RetryAfterSeconds;
        // Not under the token of the request, which may be what ended it.
        await JsonSerializer.SerializeAsync(response.Body, problem with { RequestId = context.TraceIdentifier }, GridJson.Readable.ProblemMessage);
    }
}
