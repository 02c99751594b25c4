using System.Text.Json;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Text.Onnx;

/// <summary>How the vectors of a document's tokens become one.</summary>
internal enum Pooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The vector of the first token, [CLS].</summary>
    Cls,
}

/// <summary>What becomes of a document with more tokens than the model takes.</summary>
internal enum LongDocuments
{
    /// <summary>The rest is cut off, as in the seed.</summary>
    Cut,

    /// <summary>It is encoded in overlapping windows, whose vectors are averaged by their numbers of tokens.</summary>
    Windows,
}

/// <summary>What a model's manifest says to the transformer encoder, checked.</summary>
internal sealed record TransformerManifest
{
    // [CLS] and [SEP].
    private const int FrameTokens = 2;
    private const string Allowed = "pooling, max_tokens, normalise, lower_case, prefix, long_documents, window_overlap, output";

    public required ModelManifest Model { get; init; }

    public required ModelFile Graph { get; init; }

    public required ModelFile Vocabulary { get; init; }

    public required int Dimension { get; init; }

    public Pooling Pooling { get; init; }

    /// <summary>Tokens of a sequence, [CLS] and [SEP] among them.</summary>
    public int MaxTokens { get; init; }

    /// <summary>Whether vectors are scaled to unit length.</summary>
    public bool Normalise { get; init; } = true;

    public bool LowerCase { get; init; } = true;

    /// <summary>Put before every document, for models that were trained with one.</summary>
    public string Prefix { get; init; } = "";

    public LongDocuments LongDocuments { get; init; }

    /// <summary>Tokens that neighbouring windows share.</summary>
    public int WindowOverlap { get; init; }

    /// <summary>Name of the output with a vector a token; null takes the usual ones.</summary>
    public string? Output { get; init; }

    /// <summary>Reads the parameters and files of a manifest.</summary>
    /// <exception cref="BadInputException">A parameter is unknown or out of range, or a file is missing from the list.</exception>
    public static TransformerManifest Read(ModelManifest model)
    {
        var parameters = model.Parameters;
        foreach (var property in parameters.ValueKind == JsonValueKind.Object ? parameters.EnumerateObject() : [])
        {
            if (!Allowed.Split(", ").Contains(property.Name))
                throw Bad(model, "parameters", property.Name, Allowed);
        }
        int maxTokens = model.Int32Parameter("max_tokens");
        int overlap = Find("window_overlap") is null ? 0 : model.Int32Parameter("window_overlap");
        if (maxTokens <= FrameTokens)
            throw Bad(model, "parameters.max_tokens", maxTokens, $"a whole number above {FrameTokens}, which [CLS] and [SEP] take");
        if (overlap >= maxTokens - FrameTokens)
            throw Bad(model, "parameters.window_overlap", overlap, $"a whole number below max_tokens - {FrameTokens}");
        return new TransformerManifest
        {
            Model = model,
            Graph = File(".onnx"),
            Vocabulary = File(".txt"),
            Dimension = model.Dimension ?? throw Bad(model, "dimension", null, "the length of the model's vectors"),
            Pooling = Choice("pooling", Pooling.Mean),
            MaxTokens = maxTokens,
            Normalise = Flag("normalise"),
            LowerCase = Flag("lower_case"),
            Prefix = Text("prefix") ?? "",
            LongDocuments = Choice("long_documents", LongDocuments.Cut),
            WindowOverlap = overlap,
            Output = Text("output"),
        };

        JsonElement? Find(string name) =>
            parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty(name, out var value) ? value : null;

        string? Text(string name) => Find(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } value => value.GetString(),
            var other => throw Bad(model, $"parameters.{name}", other, "a text"),
        };

        bool Flag(string name) => Find(name) switch
        {
            null or { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            var other => throw Bad(model, $"parameters.{name}", other, "true or false"),
        };

        T Choice<T>(string name, T otherwise)
            where T : struct, Enum
        {
            string[] names = [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())];
            if (Text(name) is not { } value)
                return otherwise;
            int index = Array.IndexOf(names, value);
            return index >= 0 ? Enum.GetValues<T>()[index] : throw Bad(model, $"parameters.{name}", value, string.Join(" or ", names));
        }

        ModelFile File(string ending)
        {
            ModelFile[] files = [.. model.Files.Where(file => file.Name.EndsWith(ending, StringComparison.Ordinal))];
            return files is [var one] ? one : throw Bad(model, "files", $"{files.Length} files *{ending}", $"one file *{ending}");
        }
    }

    private static BadInputException Bad(ModelManifest model, string field, object? value, string allowed) =>
        new($"models/{model.ModelId}.json {field}", value, allowed);
}
