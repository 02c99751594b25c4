using Microsoft.AspNetCore.Http;

namespace Prometheus.Grid.Http.Security;

/// <summary>What browsers are told of every answer: nothing from elsewhere, nothing guessed, framed or kept.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    private const string Policy = "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // What depends on a key may be kept by its caller and by nobody between, and is asked for again each time.
        headers.CacheControl = "private, no-cache";
        return next(context);
    }
}
