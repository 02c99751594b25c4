using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;

namespace Prometheus.Grid.Http.Pages;

/// <summary>The files of the web page, held in memory: built into the assembly, so an address can name no other file.</summary>
internal sealed class PageFiles
{
    private const string Root = "wwwroot/";
    private readonly FrozenDictionary<string, PageFile> _files = Read();

    /// <summary>Whether a request asks for a file of the page.</summary>
    public bool Has(HttpRequest request) => (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && _files.ContainsKey(request.Path);

    /// <summary>Answers with the file that a request asks for, which the page has.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var file = _files[context.Request.Path];
        var response = context.Response;
        response.Headers.ETag = file.Tag;
        if (context.Request.Headers.IfNoneMatch.Contains(file.Tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = file.ContentType;
        if (HttpMethods.IsGet(context.Request.Method))
            await response.Body.WriteAsync(file.Content, context.RequestAborted);
    }

    private static FrozenDictionary<string, PageFile> Read()
    {
        var assembly = typeof(PageFiles).Assembly;
        var types = new FileExtensionContentTypeProvider();
        var files = new Dictionary<string, PageFile>(StringComparer.Ordinal);
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Root, StringComparison.Ordinal)))
        {
            string path = "/" + name[Root.Length..].Replace('\\', '/');
            byte[] content = Content(assembly, name);
            string type = types.TryGetContentType(path, out string? known) ? known : "application/octet-stream";
            bool isText = type.StartsWith("text/", StringComparison.Ordinal);
            files.Add(path, new PageFile(content, isText ? $"{type}; charset=utf-8" : type, $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\""));
        }
        if (files.TryGetValue("/index.html", out var index))
            files.Add("/", index);
        return files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static byte[] Content(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private sealed record PageFile(byte[] Content, string ContentType, string Tag);
}
