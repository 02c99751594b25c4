using System.Security.Cryptography;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Core.Encoders.Text;

/// <summary>Makes <see cref="LsaTextEncoder"/> ready: reads the one file of its manifest and holds it against its SHA-256.</summary>
internal static class LsaFactory
{
    public static async Task<ITextEncoder> CreateAsync(ModelManifest manifest, int workers, CancellationToken cancellationToken)
    {
        if (manifest.Files is not [var file])
            throw new BadInputException($"models/{manifest.ModelId}.json files", manifest.Files.Count, "the one file of the fit");
        string path = Path.Combine(manifest.Folder, file.Name);
        if (!File.Exists(path))
            throw new NotFoundException("model file", path, $"fit it with: grid models fit text-lsa --corpus FILE --model-id {manifest.ModelId}");
        byte[] content = await File.ReadAllBytesAsync(path, cancellationToken);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        if (sha256 != file.Sha256)
            throw new GridFaultException($"{path} has SHA-256 {sha256}, its manifest says {file.Sha256}; fit or install it again");
        var model = LsaModel.Read(content, path);
        return model.Dimension == manifest.Dimension
            ? new LsaTextEncoder(model, workers)
            : throw new GridFaultException($"{path} has vectors of {model.Dimension}, its manifest says {manifest.Dimension}");
    }
}
