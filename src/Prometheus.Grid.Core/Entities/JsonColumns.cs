using System.Text.Json;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Entities;

/// <summary>Reads the JSON columns of the seed's tables, the same way for every store.</summary>
public static class JsonColumns
{
    // Reports are flat maps; anything deeper is hostile or a mistake.
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 16 };

    /// <summary>
    /// The numbers of a JSON object by key. Booleans count as 0 and 1, as in the seed; text, null and nested values are left out. A key that
    /// occurs twice counts once, with its last value. An empty cell is an empty object.
    /// </summary>
    /// <param name="field">File or table, row and column, for the error.</param>
    /// <param name="json">The cell.</param>
    /// <exception cref="BadInputException">The cell is no JSON object, or a number in it has no finite double.</exception>
    public static IReadOnlyDictionary<string, double> Numbers(string field, string json)
    {
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(json))
            return numbers;
        using var document = Object(field, json);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (NumberOf(field, property) is { } number)
                numbers[property.Name] = number;
            else
                numbers.Remove(property.Name);
        }
        return numbers;
    }

    /// <summary>The three texts of a <c>structured</c> profile; a part that is missing or no text is empty.</summary>
    /// <param name="field">File or table, row and column, for the error.</param>
    /// <param name="json">The cell.</param>
    /// <param name="issuerId">Its issuer.</param>
    /// <param name="asOf">The date it describes.</param>
    /// <exception cref="BadInputException">The cell is no JSON object.</exception>
    public static IssuerProfile Profile(string field, string json, string issuerId, DateOnly asOf)
    {
        if (string.IsNullOrWhiteSpace(json))
            return new IssuerProfile(issuerId, asOf, "", "", "");
        using var document = Object(field, json);
        return new IssuerProfile(issuerId, asOf, Text("business_description"), Text("risk_summary"), Text("recent_events_summary"));

        string Text(string part) =>
            document.RootElement.TryGetProperty(part, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }

    private static double? NumberOf(string field, JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.Number => property.Value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw new BadInputException($"{field} {property.Name}", property.Value.GetRawText(), "a number that a double can hold"),
        _ => null,
    };

    private static JsonDocument Object(string field, string json)
    {
        try
        {
            var document = JsonDocument.Parse(json, s_options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
        }
        catch (JsonException error)
        {
            throw new BadInputException(field, json, "a JSON object", error);
        }
        throw new BadInputException(field, json, "a JSON object");
    }
}
