using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Prometheus.Grid.Models.Tests;

/// <summary>A NuGet package with an assembly that has resources and nothing else.</summary>
internal static class MadePackage
{
    public const string Id = "Made.Weights", Version = "1.2.3", Assembly = "lib/netstandard2.1/Made.Weights.dll";

    /// <summary>Writes the package as a package source in a folder has it.</summary>
    /// <returns>Its path.</returns>
    public static string Write(string folder, IReadOnlyDictionary<string, byte[]> resources) => Write(folder, AssemblyWith(resources));

    /// <summary>The same with any bytes in the place of the assembly.</summary>
    public static string Write(string folder, byte[] assembly)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{Id}.{Version}.nupkg");
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        using (var specification = new StreamWriter(archive.CreateEntry($"{Id}.nuspec").Open()))
        {
            specification.Write(
                $"""
                <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
                  <metadata><id>{Id}</id><version>{Version}</version><authors>tests</authors><description>Weights.</description></metadata>
                </package>
                """);
        }
        using var content = archive.CreateEntry(Assembly).Open();
        content.Write(assembly);
        return path;
    }

    /// <summary>The assembly of a package.</summary>
    public static byte[] AssemblyOf(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        using var content = archive.GetEntry(Assembly)!.Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static byte[] AssemblyWith(IReadOnlyDictionary<string, byte[]> resources)
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString("Made.Weights.dll"), metadata.GetOrAddGuid(Guid.Empty), default, default);
        metadata.AddAssembly(metadata.GetOrAddString(Id), new Version(1, 2, 3, 0), default, default, default, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(
            default, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        var data = new BlobBuilder();
        foreach ((string name, byte[] content) in resources)
        {
            metadata.AddManifestResource(ManifestResourceAttributes.Public, metadata.GetOrAddString(name), default, (uint)data.Count);
            data.WriteInt32(content.Length);
            data.WriteBytes(content);
            data.Align(8);
        }
        var image = new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder(), managedResources: data);
        var bytes = new BlobBuilder();
        image.Serialize(bytes);
        return bytes.ToArray();
    }
}
