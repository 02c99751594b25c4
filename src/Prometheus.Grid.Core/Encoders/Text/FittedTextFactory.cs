using System.Security.Cryptography;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>Reads a fitted text model.</summary>
/// <param name="content">The bytes of its file.</param>
/// <param name="what">Names the file in errors.</param>
internal delegate IFittedTextModel FittedTextReader(ReadOnlySpan<byte> content, string what);

/// <summary>Makes <see cref="FittedTextEncoder"/> ready: reads the one file of a manifest and holds it against its SHA-256.</summary>
internal static class FittedTextFactory
{
    public static async Task<ITextEncoder> CreateAsync(
        ModelManifest manifest, FittedTextReader read, int workers, CancellationToken cancellationToken)
    {
        if (manifest.Files is not [var file])
            throw new BadInputException($"models/{manifest.ModelId}.json files", manifest.Files.Count, "the one file of the fit");
        string path = Path.Combine(manifest.Folder, file.Name);
        if (!File.Exists(path))
            throw new NotFoundException("model file", path, $"fit it with: grid models fit {manifest.Encoder} --corpus FILE --model-id {manifest.ModelId}");
        byte[] content = await File.ReadAllBytesAsync(path, cancellationToken);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        if (sha256 != file.Sha256)
            throw new GridFaultException($"{path} has SHA-256 {sha256}, its manifest says {file.Sha256}; fit or install it again");
        var model = read(content, path);
        return model.Dimension == manifest.Dimension
            ? new FittedTextEncoder(model, workers)
            : throw new GridFaultException($"{path} has vectors of {model.Dimension}, its manifest says {manifest.Dimension}");
    }
}
