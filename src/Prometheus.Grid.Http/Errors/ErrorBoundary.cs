using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Http.Limits;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Translation;

namespace Prometheus.Grid.Http.Errors;

/// <summary>Turns what a handler throws into a problem, and logs what is the server's fault.</summary>
internal sealed partial class ErrorBoundary(RequestDelegate next, ILogger<ErrorBoundary> log)
{
    /// <summary>What nginx and others log when the caller has gone; nobody reads it.</summary>
    private const int CallerGone = 499;

    public async Task InvokeAsync(HttpContext context)
    {
        var caller = context.RequestAborted;
        try
        {
            await next(context);
        }
        catch (Exception error)
        {
            if (caller.IsCancellationRequested)
            {
                context.Response.StatusCode = CallerGone;
                return;
            }
            var problem = Describe(error, context);
            if (problem.Status >= StatusCodes.Status500InternalServerError)
                LogFault(context.Request.Method, context.Request.Path, problem.Status, error);
            if (context.Response.HasStarted)
            {
                // The status is on its way; only breaking the connection tells the caller that the rest is missing.
                context.Abort();
                return;
            }
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }
        if (!context.Response.HasStarted && context.Response is { StatusCode: >= 400, ContentLength: null, ContentType: null })
            await ProblemResponse.WriteAsync(context, OfStatus(context));
    }

    private static ProblemMessage Describe(Exception error, HttpContext context) => error switch
    {
        BeyondLimitException beyond => beyond.Error.ToProblem() with { Type = "urn:prometheus-grid:limit", Title = "A limit of the server", Status = StatusCodes.Status422UnprocessableEntity },
        GridException known => known.ToProblem(),
        OperationCanceledException => Fault(
            StatusCodes.Status504GatewayTimeout, "The deadline has passed", $"no answer within {Deadlines.Of(context).TotalSeconds:0.###} s", canRetry: true),
        JsonException broken => BrokenBody.Describe(broken, context),
        BadHttpRequestException { InnerException: JsonException broken } => BrokenBody.Describe(broken, context),
        BadHttpRequestException bad => new ProblemMessage(
            "urn:prometheus-grid:bad-input", "The request is not acceptable", bad.StatusCode, bad.Message, ErrorKind.BadInput),
        _ => Fault(
            StatusCodes.Status500InternalServerError, "The grid failed", "an error that nobody expected; the server's log has it under the request id", canRetry: false),
    };

    private static ProblemMessage OfStatus(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new ProblemMessage(
            "urn:prometheus-grid:not-found", "Something named does not exist", StatusCodes.Status404NotFound,
            new NotFoundException("address", context.Request.Path, "the addresses are in /openapi/v1.json").Message, ErrorKind.NotFound, What: "address", Key: context.Request.Path),
        StatusCodes.Status405MethodNotAllowed => Bad(StatusCodes.Status405MethodNotAllowed, $"{context.Request.Path} does not take {context.Request.Method}"),
        StatusCodes.Status415UnsupportedMediaType => Bad(StatusCodes.Status415UnsupportedMediaType, "a body has to be application/json"),
        var status => Bad(status, "the request is not acceptable"),
    };

    private static ProblemMessage Bad(int status, string detail) =>
        new("urn:prometheus-grid:bad-input", "The request is not acceptable", status, detail, ErrorKind.BadInput);

    private static ProblemMessage Fault(int status, string title, string detail, bool canRetry) =>
        new("urn:prometheus-grid:fault", title, status, detail, ErrorKind.Fault, CanRetry: canRetry);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} ended with {Status}")]
    private partial void LogFault(string method, string path, int status, Exception error);
}
