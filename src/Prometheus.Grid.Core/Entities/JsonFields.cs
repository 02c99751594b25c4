using System.Text.Json;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Entities;

/// <summary>Reads the JSON objects that the user's tables hold in columns.</summary>
public static class JsonFields
{
    private const string Allowed = "a JSON object";

    /// <summary>
    /// The numbers of an object by name: booleans count as 0 and 1, and what is no number is left out. A repeated name counts once, with
    /// its last value. An empty text is an empty object.
    /// </summary>
    /// <param name="field">File or table, row and column, for the error.</param>
    /// <param name="json">The object.</param>
    /// <exception cref="BadInputException">It is no object, or a number exceeds a float64.</exception>
    public static IReadOnlyDictionary<string, double> Numbers(string field, string json)
    {
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        using JsonDocument? document = Parse(field, json);
        foreach (JsonProperty property in document?.RootElement.EnumerateObject() ?? default)
        {
            double? number = property.Value.ValueKind switch
            {
                JsonValueKind.Number => property.Value.GetDouble(),
                JsonValueKind.True => 1,
                JsonValueKind.False => 0,
                _ => null,
            };
            if (number is null)
                numbers.Remove(property.Name);
            else if (double.IsFinite(number.Value))
                numbers[property.Name] = number.Value;
            else
                throw new BadInputException($"{field}.{property.Name}", property.Value.GetRawText(), "a number that a float64 can hold");
        }
        return numbers;
    }

    /// <summary>Texts of an object by name; those that are absent or null are empty.</summary>
    /// <param name="field">File or table, row and column, for the error.</param>
    /// <param name="json">The object; an empty text is an empty object.</param>
    /// <param name="names">The names wanted.</param>
    /// <exception cref="BadInputException">It is no object, or a value is neither text nor null.</exception>
    public static string[] Texts(string field, string json, params ReadOnlySpan<string> names)
    {
        using JsonDocument? document = Parse(field, json);
        var texts = new string[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            JsonElement value = default;
            bool isThere = document is not null && document.RootElement.TryGetProperty(names[i], out value) && value.ValueKind != JsonValueKind.Null;
            texts[i] = !isThere ? ""
                : value.ValueKind == JsonValueKind.String ? value.GetString()!
                : throw new BadInputException($"{field}.{names[i]}", value.GetRawText(), "a text");
        }
        return texts;
    }

    private static JsonDocument? Parse(string field, string json)
    {
        if (json.Length == 0)
            return null;
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            throw new BadInputException(field, json, $"{Allowed}; {error.Message}", error);
        }
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw new BadInputException(field, json, Allowed);
    }
}
