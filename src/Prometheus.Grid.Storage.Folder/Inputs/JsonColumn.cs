using System.Text.Json;

namespace Prometheus.Grid.Storage.Folder.Inputs;

/// <summary>JSON objects in fields of a table.</summary>
internal static class JsonColumn
{
    private const string Allowed = "a JSON object";

    /// <summary>
    /// The numbers of an object by name: booleans count as 0 and 1, and what is no number is left out. A repeated name counts once, with its last value. An
    /// empty field is an empty object.
    /// </summary>
    public static IReadOnlyDictionary<string, double> Numbers(CsvTable table, string column)
    {
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        using JsonDocument? document = Parse(table, column);
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
                throw table.Bad($"{column}.{property.Name}", property.Value.GetRawText(), "a number that a float64 can hold");
        }
        return numbers;
    }

    /// <summary>Texts of an object by name; those that are absent or null are empty.</summary>
    public static string[] Texts(CsvTable table, string column, params ReadOnlySpan<string> names)
    {
        using JsonDocument? document = Parse(table, column);
        var texts = new string[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            JsonElement value = default;
            bool isThere = document is not null && document.RootElement.TryGetProperty(names[i], out value) && value.ValueKind != JsonValueKind.Null;
            texts[i] = !isThere ? ""
                : value.ValueKind == JsonValueKind.String ? value.GetString()!
                : throw table.Bad($"{column}.{names[i]}", value.GetRawText(), "a text");
        }
        return texts;
    }

    private static JsonDocument? Parse(CsvTable table, string column)
    {
        string text = table.Text(column);
        if (text.Length == 0)
            return null;
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text);
        }
        catch (JsonException error)
        {
            throw table.Bad(column, text, $"{Allowed}; {error.Message}", error);
        }
        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw table.Bad(column, text, Allowed);
    }
}
