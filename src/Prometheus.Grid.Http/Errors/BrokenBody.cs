using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Http.Messages;

namespace Prometheus.Grid.Http.Errors;

/// <summary>Says of a body that cannot be read which member is wrong and what it may be; the parser's own messages are about CLR types.</summary>
internal static class BrokenBody
{
    private const string Root = "$";

    public static ProblemMessage Describe(JsonException error, HttpContext context)
    {
        var type = context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        string[] steps = (error.Path ?? Root).TrimStart('$').Split('.', StringSplitOptions.RemoveEmptyEntries);
        string field = steps.Length == 0 ? "body" : string.Join('.', steps);
        string allowed = type is null ? "JSON" : AllowedAt(type, steps, error.Message);
        return new ProblemMessage(
            "urn:prometheus-grid:bad-input", "A value is not acceptable", StatusCodes.Status400BadRequest, $"{field} cannot be read; allowed: {allowed}",
            ErrorKind.BadInput, Field: field, Allowed: allowed);
    }

    private static string AllowedAt(Type type, string[] steps, string message)
    {
        foreach (string step in steps)
        {
            string name = step.Split('[', 2)[0];
            var info = GridJson.Readable.GetTypeInfo(Element(type))!;
            if (info.Kind == JsonTypeInfoKind.Dictionary)
            {
                type = info.ElementType!;
                continue;
            }
            if (info.Properties.FirstOrDefault(property => property.Name == name) is not { } known)
                return $"no such member; there are {string.Join(", ", info.Properties.Select(property => property.Name))}";
            type = known.PropertyType;
            if (step.Contains('[', StringComparison.Ordinal))
                type = Element(type);
        }
        return Words(type, message);
    }

    private static Type Element(Type type) =>
        GridJson.Readable.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } ? element : type;

    private static string Words(Type type, string message)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName));
        return type == typeof(DateOnly) ? "a date as yyyy-MM-dd, for example 2023-11-30"
            : type == typeof(DateTimeOffset) ? "a time of RFC 3339, for example 2023-11-30T18:00:00Z"
            : type == typeof(int) ? "a whole number"
            : type == typeof(float) || type == typeof(double) ? "a number, not in quotes"
            : type == typeof(bool) ? "true or false"
            : type == typeof(string) ? "a text"
            : GridJson.Readable.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Enumerable } ? "an array"
            : $"an object with {string.Join(", ", Required(type))}{(message.Contains("duplicate", StringComparison.OrdinalIgnoreCase) ? ", each once" : "")}";
    }

    private static IEnumerable<string> Required(Type type) =>
        GridJson.Readable.GetTypeInfo(type)!.Properties.Select(property => property.IsRequired ? property.Name : $"{property.Name} (optional)");
}
