using System.Globalization;
using Microsoft.AspNetCore.Http;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Http.Limits;

/// <summary>
/// Gives every request a deadline: the server's, or less where the header says so. It is the token that handlers get, so it ends calls of grains and
/// scans of shards too.
/// </summary>
internal sealed class Deadlines(RequestDelegate next, GridHttpOptions options)
{
    private const string Header = "Grid-Timeout";
    private static readonly object s_key = new();

    public async Task InvokeAsync(HttpContext context)
    {
        var work = context.GetEndpoint()?.Metadata.GetMetadata<Work>();
        if (work is null or { Kind: WorkKind.Stream })
        {
            await next(context);
            return;
        }
        var deadline = Read(context, work.Kind == WorkKind.Study ? options.StudyDeadline : options.Deadline);
        context.Items[s_key] = deadline;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        ends.CancelAfter(deadline);
        var caller = context.RequestAborted;
        context.RequestAborted = ends.Token;
        try
        {
            await next(context);
            // The limiter lets go of a request that waited for its turn until the deadline without a word, which would be an answer of 200 and nothing in it.
            if (ends.IsCancellationRequested && !caller.IsCancellationRequested && !context.Response.HasStarted)
                throw new OperationCanceledException(ends.Token);
        }
        finally
        {
            context.RequestAborted = caller;
        }
    }

    /// <summary>How long the request may take.</summary>
    public static TimeSpan Of(HttpContext context) => context.Items[s_key] is TimeSpan deadline ? deadline : TimeSpan.Zero;

    private static TimeSpan Read(HttpContext context, TimeSpan most)
    {
        if (context.Request.Headers[Header] is not [{ } text])
            return most;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds > 0
            ? seconds < most.TotalSeconds ? TimeSpan.FromSeconds(seconds) : most
            : throw new BadInputException(Header, text, "seconds above 0, for example 2.5");
    }
}
