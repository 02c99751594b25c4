using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Http.Features;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Http.Limits;

namespace Prometheus.Grid.Http.Endpoints;

/// <summary>Reads parameters of addresses by the rules of the API, in place of the framework's, which take dates and times in any form.</summary>
internal static class Parameters
{
    public const int DefaultPage = 1_000;

    public static DateOnly Day(string name, string text) => DateRange.Parse(name, text);

    public static DateOnly? OptionalDay(string name, string? text) => text is null ? null : DateRange.Parse(name, text);

    public static DateRange? Range(string? start, string? end) =>
        start is null && end is null ? null : new DateRange(OptionalDay("start", start) ?? DateOnly.MinValue, OptionalDay("end", end) ?? DateOnly.MaxValue);

    public static DateTimeOffset? Time(string name, string? text) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw new BadInputException(name, text, "a time of RFC 3339, for example 2023-11-30T18:00:00Z");

    public static int Limit(string? text, int most, int unlessSaid = DefaultPage)
    {
        int limit = Whole("limit", text, 1) ?? Math.Min(unlessSaid, most);
        BeyondLimitException.Check("limit", limit, most);
        return limit;
    }

    public static int? Whole(string name, string? text, int least) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least ? number
        : throw new BadInputException(name, text, $"a whole number of {least} or more");

    public static bool Flag(string name, string? text) => text switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new BadInputException(name, text, "true or false"),
    };

    public static BranchWeights? Weights(string? text) => text is null ? null : BranchWeights.Parse(text);

    /// <summary>
    /// An id in the address, as its caller wrote it. The framework leaves %2F as it is and decodes the rest, so an id with a slash and one with those three
    /// characters would be one; the target as it came tells them apart.
    /// </summary>
    public static string Id(HttpContext context, string name)
    {
        var pattern = ((RouteEndpoint)context.GetEndpoint()!).RoutePattern;
        int position = 0;
        while (!pattern.PathSegments[position].Parts.Any(part => part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter && parameter.Name == name))
            position++;
        string target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        string[] segments = target.Split('?', 2)[0].Trim('/').Split('/');
        // A target in absolute form, and a dot segment that the server took out, move the segments; the decoded one is then all there is.
        string id = segments.Length == pattern.PathSegments.Count
            ? Uri.UnescapeDataString(segments[position])
            : (string)context.GetRouteValue(name)!;
        return string.IsNullOrWhiteSpace(id) ? throw new BadInputException(name, id, "an id that is not blank") : id;
    }
}
