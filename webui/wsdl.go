package webui

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

type wsdlInput struct {
	WSDL string `query:"wsdl" doc:"As programs ask for it; it changes nothing"`
}

// getSOAP describes the web service to programs (WSDL 1.1, document/literal).
func (s *Server) getSOAP(ctx context.Context, _ *wsdlInput) (*huma.StreamResponse, error) {
	text := wsdl(connOf(ctx).origin + "/api/soap")
	return stream(typeXML+"; charset=utf-8", "", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) }), nil
}

// wsdl is made of the operations and of the types that they answer.
func wsdl(address string) []byte {
	var b bytes.Buffer
	types := map[string]bool{}
	b.WriteString(xml.Header + `<wsdl:definitions name="Callbox" targetNamespace="` + nsOwn + `" xmlns="` + nsOwn +
		`" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<wsdl:types><xs:schema targetNamespace="` + nsOwn + `" elementFormDefault="qualified">
`)
	for _, op := range soapOperations {
		fmt.Fprintf(&b, "<xs:element name=%q><xs:complexType><xs:sequence>", op.name)
		for _, p := range op.params {
			least := 0
			if p.needed {
				least = 1
			}
			fmt.Fprintf(&b, `<xs:element name=%q type="xs:%s" minOccurs="%d"/>`, p.name, p.kind, least)
		}
		fmt.Fprintf(&b, "</xs:sequence></xs:complexType></xs:element>\n<xs:element name=%q>", op.name+"Response")
		answer := reflect.TypeOf(op.answer()).Elem()
		schema(&b, answer, "")
		b.WriteString("</xs:element>\n")
		namedTypes(&b, answer, types)
	}
	b.WriteString(`<xs:element name="Error"><xs:complexType><xs:sequence><xs:element name="code" type="xs:string"/><xs:element name="zh" type="xs:string"/><xs:element name="en" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
</xs:schema></wsdl:types>
<wsdl:message name="Error"><wsdl:part name="detail" element="Error"/></wsdl:message>
`)
	for _, op := range soapOperations {
		for _, m := range []string{op.name, op.name + "Response"} {
			fmt.Fprintf(&b, "<wsdl:message name=%[1]q><wsdl:part name=\"parameters\" element=%[1]q/></wsdl:message>\n", m)
		}
	}
	b.WriteString("<wsdl:portType name=\"Callbox\">\n")
	for _, op := range soapOperations {
		fmt.Fprintf(&b, "<wsdl:operation name=%[1]q><wsdl:documentation>%[2]s</wsdl:documentation><wsdl:input message=%[1]q/><wsdl:output message=\"%[1]sResponse\"/><wsdl:fault name=\"Error\" message=\"Error\"/></wsdl:operation>\n", op.name, op.does)
	}
	b.WriteString("</wsdl:portType>\n<wsdl:binding name=\"Callbox\" type=\"Callbox\"><soap:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n")
	for _, op := range soapOperations {
		fmt.Fprintf(&b, `<wsdl:operation name=%q><soap:operation soapAction="%s/%s"/><wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output><wsdl:fault name="Error"><soap:fault name="Error" use="literal"/></wsdl:fault></wsdl:operation>`+"\n", op.name, nsOwn, op.name)
	}
	b.WriteString(`</wsdl:binding>
<wsdl:service name="Callbox"><wsdl:port name="Callbox" binding="Callbox"><soap:address location="`)
	_ = xml.EscapeText(&b, []byte(address))
	b.WriteString("\"/></wsdl:port></wsdl:service>\n</wsdl:definitions>\n")
	return b.Bytes()
}

// schema writes what an answer's type holds, as a type with a name or within its element.
func schema(b *bytes.Buffer, t reflect.Type, name string) {
	if name != "" {
		name = fmt.Sprintf(" name=%q", name)
	}
	fmt.Fprintf(b, "<xs:complexType%s><xs:sequence>", name)
	for f := range t.Fields() {
		element, omitted, _ := strings.Cut(f.Tag.Get("xml"), ",")
		of, bounds := f.Type, ""
		switch {
		case of.Kind() == reflect.Slice:
			of, bounds = of.Elem(), ` minOccurs="0" maxOccurs="unbounded"`
		case omitted != "":
			bounds = ` minOccurs="0"`
		}
		fmt.Fprintf(b, "<xs:element name=%q type=%q%s/>", element, kindOf(of), bounds)
	}
	b.WriteString("</xs:sequence></xs:complexType>")
}

// namedTypes writes the types that an answer's refers to, once.
func namedTypes(b *bytes.Buffer, t reflect.Type, known map[string]bool) {
	for f := range t.Fields() {
		of := f.Type
		if of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		name := kindOf(of)
		if strings.HasPrefix(name, "xs:") || known[name] {
			continue
		}
		known[name] = true
		schema(b, of, name)
		b.WriteString("\n")
		namedTypes(b, of, known)
	}
}

// kindOf is a type's name in the schema.
func kindOf(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "xs:dateTime"
	case t.Kind() == reflect.Struct:
		return strings.TrimPrefix(t.Name(), "soap")
	case t.Kind() == reflect.Int64:
		return "xs:long"
	case t.Kind() == reflect.Uint64:
		return "xs:unsignedLong"
	}
	return "xs:string"
}
