using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Prometheus.Grid.Http;

/// <summary>Names every request: as its caller does in <c>X-Request-Id</c>, or anew. The name is in the answer, in problems and in the log.</summary>
internal sealed class RequestIds(RequestDelegate next, ILogger<RequestIds> log)
{
    private const string Header = "X-Request-Id";
    private const int LongestId = 64;

    public async Task InvokeAsync(HttpContext context)
    {
        string id = context.Request.Headers[Header] is [{ Length: > 0 and <= LongestId } given] && given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? given
            : Activity.Current?.TraceId.ToHexString() ?? Guid.NewGuid().ToString("n");
        context.TraceIdentifier = id;
        context.Response.Headers[Header] = id;
        using (log.BeginScope(new KeyValuePair<string, object>[] { new("request", id) }))
            await next(context);
    }
}
