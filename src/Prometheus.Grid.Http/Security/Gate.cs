using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Http.Errors;
using Prometheus.Grid.Http.Messages;
using Prometheus.Grid.Http.Pages;

namespace Prometheus.Grid.Http.Security;

/// <summary>The keys of a server; null for one that has none.</summary>
internal sealed record KeyRing(ApiKeys? Keys);

/// <summary>
/// Lets requests in, before anything else is done for them: by key where the server has keys, else only those that a program or page of this machine makes,
/// so that a page from elsewhere cannot use a browser on it. The page itself and the health checks hold nothing and need no key.
/// </summary>
internal sealed partial class Gate(RequestDelegate next, KeyRing ring, PageFiles page, ILogger<Gate> log)
{
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext context)
    {
        var keys = ring.Keys;
        if (keys is null && !IsOfThisMachine(context.Request))
        {
            LogForeign(context.Request.Host.Value, context.Request.Headers.Origin.ToString());
            await ProblemResponse.WriteAsync(context, Refusal(
                StatusCodes.Status403Forbidden, "this server has no keys and answers only to its own address; give it keys with --api-key-file to reach it from elsewhere"));
            return;
        }
        if (context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) || page.Has(context.Request))
        {
            await next(context);
            return;
        }
        var caller = keys is null ? Caller.Anyone : KeyOf(context.Request) is { } key ? keys.Find(key) : null;
        if (caller is null)
        {
            LogNoKey(context.Request.Method, context.Request.Path, context.Connection.RemoteIpAddress);
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"Prometheus.Grid\"";
            await ProblemResponse.WriteAsync(context, Refusal(StatusCodes.Status401Unauthorized, "a key of this server is needed: Authorization: Bearer KEY"));
            return;
        }
        caller.Enter(context);
        await next(context);
    }

    private static ProblemMessage Refusal(int status, string detail) =>
        new("urn:prometheus-grid:no-access", status == StatusCodes.Status401Unauthorized ? "A key is needed" : "Not allowed", status, detail, ErrorKind.BadInput);

    private static string? KeyOf(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;

    // A name that resolves to this machine by a trick of somebody's DNS is not its name.
    private static bool IsOfThisMachine(HttpRequest request)
    {
        if (!IsLoopback(request.Host.Host))
            return false;
        return request.Headers.Origin is [] || (request.Headers.Origin is [{ } origin] && origin == $"{request.Scheme}://{request.Host}");
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    [LoggerMessage(Level = LogLevel.Warning, Message = "refused {Method} {Path} from {Address}: no key of this server")]
    private partial void LogNoKey(string method, string path, IPAddress? address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "refused a request for host {Host} from origin {Origin}: without keys only this machine is served")]
    private partial void LogForeign(string? host, string origin);
}

/// <summary>Refuses endpoints that change something to keys that may only ask.</summary>
internal sealed class RoleCheck(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<NeedsWriteRole>() is null || Caller.Of(context).Role == GridRole.Write
            ? next(context)
            : ProblemResponse.WriteAsync(context, new ProblemMessage(
                "urn:prometheus-grid:no-access", "Not allowed", StatusCodes.Status403Forbidden, $"the key '{Caller.Of(context).Name}' may only ask; this needs one of the role write", ErrorKind.BadInput));
}
