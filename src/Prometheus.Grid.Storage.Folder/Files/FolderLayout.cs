using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Storage.Folder.Files;

/// <summary>Where everything lies in a data folder. Every name that comes from outside is checked here, so nothing leaves the folder.</summary>
internal sealed class FolderLayout(string root)
{
    private const int LongestName = 128;

    public string Root { get; } = root;

    public string Cache => Path.Combine(Root, ".cache");

    public string Vectors => Path.Combine(Root, "vectors");

    public string Artifacts => Path.Combine(Root, "artifacts");

    /// <summary>The folder of a partition.</summary>
    public string Partition(PartitionKey key) => Path.Combine(
        Vectors, key.Kind.ToString().ToLowerInvariant(), Name("model id", key.ModelId), DateRange.Text(key.AsOf));

    /// <summary>The folder of a model's artifacts.</summary>
    public string ArtifactsOf(string modelId) => Path.Combine(Artifacts, Name("model id", modelId));

    /// <summary>A name that may become a file or folder name as it is.</summary>
    /// <exception cref="BadInputException">It could leave the folder, hide itself, or clash with the store's own files.</exception>
    public static string Name(string field, string value)
    {
        bool isSafe = value.Length is > 0 and <= LongestName
            && char.IsAsciiLetterOrDigit(value[0])
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        return isSafe
            ? value
            : throw new BadInputException(field, value, $"1 to {LongestName} ASCII letters, digits, '-', '_' and '.', a letter or digit first");
    }
}
