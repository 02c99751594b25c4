using System.Text.Json;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Models;

/// <summary>
/// A JSON object of a manifest, read field by field so that every mistake names its field, its value and what is allowed. By hand, because
/// a reflecting serializer spends 0.15 s of every command on 17 small files.
/// </summary>
internal sealed class ManifestObject
{
    private readonly JsonElement _object;
    private readonly string _where;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    private ManifestObject(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new BadInputException(where, element, "an object");
        _object = element;
        _where = where;
    }

    /// <summary>Reads a manifest file.</summary>
    /// <param name="file">Its path, which begins the name of every field in errors.</param>
    /// <param name="read">Takes the fields it knows; any other in the file is an error.</param>
    /// <exception cref="BadInputException">The file is no JSON object, or a field in it is missing, unknown or out of range.</exception>
    public static T Read<T>(string file, Func<ManifestObject, T> read) => Parse(file, File.ReadAllBytes(file), read);

    /// <summary>Reads JSON as <see cref="Read"/> reads a file; <paramref name="source"/> names it in errors.</summary>
    public static T Parse<T>(string source, ReadOnlyMemory<byte> json, Func<ManifestObject, T> read)
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };
        try
        {
            using var document = JsonDocument.Parse(json, options);
            return new ManifestObject(document.RootElement, source).ReadBy(read);
        }
        catch (JsonException error)
        {
            throw new BadInputException(source, error.Message, "a manifest as docs/models.md describes it", error);
        }
    }

    /// <summary>A text; without <paramref name="otherwise"/> it must be there.</summary>
    public string Text(string name, string? otherwise = null) =>
        Find(name) is not { } value ? otherwise ?? throw Bad(name, "missing", "a text")
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw Bad(name, value, "a text");

    /// <summary>A text that must be there and pass a check, of which <paramref name="allowed"/> tells.</summary>
    public string Text(string name, Func<string, bool> isAllowed, string allowed) => Text(name) is var text && isAllowed(text) ? text : throw Bad(name, text, allowed);

    /// <summary>A text that may be missing or null, else passes a check. The error does not repeat it: an address may have a password in it.</summary>
    public string? OptionalText(string name, Func<string, bool> isAllowed, string allowed) =>
        OptionalText(name) is not { } text ? null : isAllowed(text) ? text : throw Bad(name, "another", allowed);

    /// <summary>A text that may be missing or null.</summary>
    public string? OptionalText(string name) => Find(name) is null or { ValueKind: JsonValueKind.Null } ? null : Text(name);

    /// <summary>A whole number of 1 or more; null when the field says null, <paramref name="otherwise"/> when it is missing.</summary>
    public int? Count(string name, int? otherwise) =>
        Find(name) is not { } value ? otherwise
        : value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number > 0 ? number
        : throw Bad(name, value, "a whole number of 1 or more");

    /// <summary>A size in bytes.</summary>
    public long Size(string name) =>
        Required(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long size) && size >= 0
            ? size
            : throw Bad(name, Required(name), "a whole number of 0 or more");

    /// <summary>A finite number.</summary>
    public double Number(string name) =>
        Required(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Bad(name, Required(name), "a number");

    /// <summary>true or false; false when it is missing.</summary>
    public bool Flag(string name) =>
        Find(name) is not { } value ? false
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Bad(name, value, "true or false");

    /// <summary>The place of a text among <paramref name="allowed"/>.</summary>
    public int Choice(string name, params ReadOnlySpan<string> allowed) =>
        allowed.IndexOf(Text(name)) is >= 0 and var place ? place : throw Bad(name, Text(name), string.Join(", ", allowed!));

    /// <summary>The field that says whose vectors these are.</summary>
    public EntityKind Entity() => (EntityKind)Choice("entity", "issuer", "instrument", "portfolio");

    /// <summary>The objects of an array; empty when it is missing.</summary>
    public IReadOnlyList<T> List<T>(string name, Func<ManifestObject, T> read)
    {
        if (Find(name) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Array)
            throw Bad(name, value, "an array");
        return [.. value.EnumerateArray().Select((item, index) => new ManifestObject(item, $"{_where} {name}[{index}]").ReadBy(read))];
    }

    /// <summary>The texts of an array; empty when it is missing.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (Find(name) is not { } value)
            return [];
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : throw Bad(name, value, "an array of texts");
    }

    /// <summary>Any JSON value, which outlives this object; undefined when it is missing.</summary>
    public JsonElement Any(string name) => Find(name)?.Clone() ?? default;

    private T ReadBy<T>(Func<ManifestObject, T> read)
    {
        var result = read(this);
        foreach (var property in _object.EnumerateObject())
        {
            if (!_asked.Contains(property.Name))
                throw Bad("field", property.Name, string.Join(", ", _asked));
        }
        return result;
    }

    private JsonElement? Find(string name)
    {
        _asked.Add(name);
        return _object.TryGetProperty(name, out var value) ? value : null;
    }

    private JsonElement Required(string name) => Find(name) ?? throw Bad(name, "missing", "a value");

    private BadInputException Bad(string name, object value, string allowed) => new($"{_where} {name}", value, allowed);
}
