using System.Globalization;
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
    /// <param name="quoted">Told the key of each text that reads as a number, as serialisers of decimals write them; may be null.</param>
    /// <exception cref="BadInputException">The cell is no JSON object, or a number in it has no finite double.</exception>
    public static IReadOnlyDictionary<string, double> Numbers(string field, string json, Action<string>? quoted = null) =>
        string.IsNullOrWhiteSpace(json) ? new Dictionary<string, double>() : Read(field, json, document =>
        {
            var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
            foreach (var property in document.EnumerateObject())
            {
                if (NumberOf(field, property) is { } number)
                    numbers[property.Name] = number;
                else
                    numbers.Remove(property.Name);
                if (quoted is not null && IsQuotedNumber(property.Value))
                    quoted(property.Name);
            }
            return numbers;
        });

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
        return Read(field, json, document =>
        {
            return new IssuerProfile(issuerId, asOf, Text("business_description"), Text("risk_summary"), Text("recent_events_summary"));

            string Text(string part) =>
                document.TryGetProperty(part, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        });
    }

    /// <summary>Refuses a cell that is neither empty nor JSON whose texts a database can hold.</summary>
    /// <param name="field">File, row and column, for the error.</param>
    /// <param name="json">The cell.</param>
    /// <exception cref="BadInputException">It is not.</exception>
    public static void Check(string field, string json)
    {
        if (json.Length == 0)
            return;
        _ = Parse(field, json, document => CheckTexts(document));

        bool CheckTexts(JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.String when value.GetString()!.Contains('\0', StringComparison.Ordinal):
                    throw new BadInputException(field, json, "JSON whose texts have no NUL characters");
                case JsonValueKind.Array:
                    return value.EnumerateArray().All(CheckTexts);
                case JsonValueKind.Object:
                    return value.EnumerateObject().All(property => !property.Name.Contains('\0', StringComparison.Ordinal) && CheckTexts(property.Value));
                default:
                    return true;
            }
        }
    }

    private static bool IsQuotedNumber(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static double? NumberOf(string field, JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.Number => property.Value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw new BadInputException($"{field} {property.Name}", property.Value.GetRawText(), "a number that a double can hold"),
        _ => null,
    };

    private static T Read<T>(string field, string json, Func<JsonElement, T> read) => Parse(
        field, json, document => document.ValueKind == JsonValueKind.Object ? read(document) : throw new BadInputException(field, json, "a JSON object"));

    private static T Parse<T>(string field, string json, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json, s_options);
            return read(document.RootElement);
        }
        catch (JsonException error)
        {
            throw new BadInputException(field, json, "a JSON object", error);
        }
        // Half of a pair that another tool cut in two, as in "\ud83d": it can be written in JSON, but it is no text.
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            throw new BadInputException(field, json, "JSON whose texts are whole characters", error);
        }
    }
}
